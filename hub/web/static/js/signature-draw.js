// The pad: takes strokes from finger, pen or mouse in a field of 1000 × 400, shows them, and puts them into the form as whole numbers.
const form = document.getElementById('drawn');
const pad = document.getElementById('pad');
const field = form.elements.namedItem('strokes');
const [clear, confirm, says] = ['[data-clear]', '[data-confirm]', '[data-says]'].map((each) => form.querySelector(each));
const least = Number(pad.dataset.least);
const most = Number(pad.dataset.most);
const ink = pad.getContext('2d');
const NEAR = 4; // points closer than this say nothing new
let strokes = [];
let drawing = null;

function place(event) {
  const box = pad.getBoundingClientRect();
  const inside = (value, end) => Math.min(end, Math.max(0, Math.round(value)));
  return [
    inside(((event.clientX - box.left) / box.width) * pad.width, pad.width),
    inside(((event.clientY - box.top) / box.height) * pad.height, pad.height),
  ];
}

const far = ([x, y], [p, q]) => Math.hypot(x - p, y - q);
const length = (stroke) => stroke.slice(1).reduce((sum, point, before) => sum + far(point, stroke[before]), 0);
const points = () => strokes.reduce((sum, stroke) => sum + stroke.length, 0);

function draw() {
  ink.clearRect(0, 0, pad.width, pad.height);
  ink.lineWidth = 9;
  ink.lineCap = ink.lineJoin = 'round';
  ink.strokeStyle = '#12305a';
  for (const [first, ...rest] of strokes) {
    ink.beginPath();
    ink.moveTo(...first);
    for (const point of rest.length ? rest : [first]) ink.lineTo(...point);
    ink.stroke();
  }
}

function judge() {
  const full = points() >= most;
  const enough = strokes.reduce((sum, stroke) => sum + length(stroke), 0) >= least;
  clear.disabled = !strokes.length;
  confirm.disabled = full || !enough;
  says.textContent = full ? says.dataset.full : enough ? says.dataset.ready : says.dataset.empty;
  field.value = JSON.stringify(strokes);
}

pad.addEventListener('pointerdown', (event) => {
  if (!event.isPrimary || event.button) return;
  pad.setPointerCapture(event.pointerId);
  drawing = [place(event)];
  strokes.push(drawing);
  draw();
});
pad.addEventListener('pointermove', (event) => {
  if (!drawing || !event.isPrimary || points() >= most) return;
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const each of moves.length ? moves : [event]) {
    const point = place(each);
    if (far(point, drawing.at(-1)) >= NEAR) drawing.push(point);
  }
  draw();
});
for (const name of ['pointerup', 'pointercancel']) {
  pad.addEventListener(name, () => {
    drawing = null;
    judge();
  });
}
clear.addEventListener('click', () => {
  strokes = [];
  draw();
  judge();
});
form.addEventListener('submit', (event) => {
  judge();
  if (confirm.disabled) event.preventDefault();
});

form.querySelector('.pad').hidden = false;
judge();
