// Service worker of the report form: the form opens without a network. It keeps files of the service and a form without
// any account in it, never a page or an answer of an account. The server puts CONFIG before this text.
const CACHE = `gridmap-report-${CONFIG.version}`;
const PATIENCE_MS = 10_000; // after which a page that hangs gives way to the form on the phone

async function install() {
  const cache = await caches.open(CACHE);
  await cache.addAll([CONFIG.form, ...CONFIG.files]);
  await serviceWorker.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
  await serviceWorker.clients.claim();
}

/**
 * Return a page from the network, or the form on the phone where there is none.
 *
 * @param {Request} request
 */
async function openPage(request) {
  const patience = new Promise((_, reject) => setTimeout(() => reject(new Error("no answer")), PATIENCE_MS));
  try {
    return /** @type {Response} */ (await Promise.race([fetch(request), patience]));
  } catch {
    return (await caches.match(CONFIG.form, { ignoreVary: true })) ?? Response.error();
  }
}

/** @param {Request} request */
async function openFile(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

const serviceWorker = /** @type {ServiceWorkerScope} */ (/** @type {unknown} */ (globalThis));
serviceWorker.addEventListener("install", (event) => event.waitUntil(install()));
serviceWorker.addEventListener("activate", (event) => event.waitUntil(activate()));
serviceWorker.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (CONFIG.files.includes(pathname)) event.respondWith(openFile(event.request));
  else if (event.request.mode === "navigate" && CONFIG.pages.includes(pathname))
    event.respondWith(openPage(event.request));
});
