// Makes pages quicker; they work without it. What is marked with data-swap is fetched, and only the content is replaced.
'use strict';

let latest = 0;

async function swap(address, options) {
  const wish = ++latest;
  const answer = await fetch(address, options);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (wish !== latest) return; // There is a newer one.
  const focused = document.activeElement && document.activeElement.id;
  const opened = [...document.querySelectorAll('details[open]')].map((d) => d.id);
  for (const id of ['main', 'cart-link']) {
    const fresh = page.getElementById(id), old = document.getElementById(id);
    if (!fresh || !old) { location.assign(answer.url); return; }
    old.replaceWith(fresh);
  }
  for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  document.title = page.title;
  history.replaceState(null, '', answer.url);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const news = ['count', 'stock', 'subtotal'].map((id) => document.getElementById(id)?.textContent).filter(Boolean);
  document.getElementById('news').textContent = news.join(' ');
}

document.addEventListener('click', (e) => {
  const link = e.target.closest('a[data-swap]');
  if (!link || e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
  e.preventDefault();
  swap(link.href);
});

document.addEventListener('submit', (e) => {
  const form = e.target;
  if (form.matches('[data-once]')) { // Sent once; twice would do no harm.
    if (form.dataset.sent) e.preventDefault();
    form.dataset.sent = 'yes';
    return;
  }
  if (!form.matches('[data-swap]')) return;
  e.preventDefault();
  const data = new URLSearchParams(new FormData(form, e.submitter));
  if (form.method === 'post') {
    swap(form.action, { method: 'POST', body: data });
  } else {
    for (const [name, value] of [...data]) if (!value) data.delete(name, value);
    swap(form.action + (data.size ? '?' + data : ''));
  }
});

document.addEventListener('change', (e) => {
  if (e.target.matches('[data-send]')) e.target.form.requestSubmit();
});
