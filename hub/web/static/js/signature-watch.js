// Asks every two seconds how the request stands, and shows the page anew when it moved on. Without it the page reloads by itself.
const watch = document.getElementById('watch');
let timer;

async function ask() {
  const current = document.getElementById('watch');
  if (current.dataset.open !== 'yes') return clearInterval(timer);
  try {
    const answer = await fetch(current.dataset.ask, { headers: { Accept: 'application/json' } });
    if (!answer.ok) return;
    const told = await answer.json();
    if (told.state !== current.dataset.state) await show();
  } catch {
    // The hub does not answer just now; the next round asks again.
  }
}

async function show() {
  const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.getElementById('watch');
  if (!fresh) return;
  document.getElementById('watch').replaceWith(fresh);
  document.title = page.title;
  document.getElementById('said').textContent = fresh.querySelector('h1').textContent; // read aloud, where somebody listens
}

if (watch) timer = setInterval(ask, Number(watch.dataset.refreshSeconds) * 1000);
