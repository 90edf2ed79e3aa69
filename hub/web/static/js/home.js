// Keeps the home page's numbers, exchanges and ledgers fresh while somebody looks at it. Without it the page is the same, only still.
const live = document.getElementById('live');
const seconds = Number(live?.dataset.refreshSeconds);

async function refresh() {
  // What a person points at or types into is never taken away.
  if (document.hidden || live.contains(document.activeElement)) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.getElementById('live');
    if (fresh) live.replaceChildren(...fresh.childNodes);
  } catch {
    // The hub does not answer just now; the next round asks again.
  }
}

if (live && seconds > 0) setInterval(refresh, seconds * 1000);
