// The service worker at /sw.js: shows what the server pushes and leads to it. It keeps nothing and answers no request.
interface Said { title: string; body: string; url: string; tag: string }
interface Tab { url: string; focus(): Promise<Tab>; navigate(url: string): Promise<Tab | null> }
interface Lasting extends Event { waitUntil(done: Promise<unknown>): void }
interface Pushed extends Lasting { data: { json(): Said } | null }
interface Clicked extends Lasting { notification: Notification }
interface Worker extends EventTarget {
  registration: ServiceWorkerRegistration;
  location: Location;
  clients: {
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<Tab[]>;
    openWindow(url: string): Promise<Tab | null>;
  };
}

const worker = self as unknown as Worker;

worker.addEventListener("push", (event) => {
  const { data, waitUntil } = event as Pushed;
  const said = data?.json();
  if (said) waitUntil.call(event, worker.registration.showNotification(said.title, { body: said.body, tag: said.tag, data: said.url }));
});

worker.addEventListener("notificationclick", (event) => {
  const clicked = event as Clicked;
  clicked.notification.close();
  clicked.waitUntil(lead(new URL(String(clicked.notification.data), worker.location.origin)));
});

/** To a page of ours that is open already, or a new one; never to another site. */
async function lead(url: URL): Promise<void> {
  if (url.origin !== worker.location.origin) return;
  const tabs = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const tab = tabs.find((one) => one.url === url.href) ?? tabs[0];
  try {
    if (!tab) throw new Error("no page is open");
    await (await tab.focus()).navigate(url.href);
  } catch {
    await worker.clients.openWindow(url.href); // a page this worker does not control cannot be led
  }
}
