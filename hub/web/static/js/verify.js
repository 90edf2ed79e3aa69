// Lets a file be dropped on the box, shows which was chosen, and says that it is too large before it is sent. The form works without.
const form = document.querySelector('form.drop');
const input = form?.querySelector('input[type=file]');
const chosen = form?.querySelector('.chosen');
const warning = document.getElementById('too-large');

function judge() {
  const file = input.files[0];
  const tooLarge = Boolean(file) && file.size > Number(form.dataset.limitBytes);
  chosen.hidden = !file;
  chosen.querySelector('span').textContent = file ? file.name : '';
  warning.hidden = !tooLarge;
  input.setCustomValidity(tooLarge ? warning.textContent : '');
}

if (form) {
  form.classList.add('scripted');
  judge();
  input.addEventListener('change', judge);
  form.addEventListener('dragover', (event) => {
    event.preventDefault();
    form.classList.add('over');
  });
  form.addEventListener('dragleave', () => form.classList.remove('over'));
  form.addEventListener('drop', (event) => {
    event.preventDefault();
    form.classList.remove('over');
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      judge();
    }
  });
}
