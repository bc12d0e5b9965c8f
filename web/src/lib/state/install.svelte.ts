/** The app on a person's own device: its service worker, and the browser's offer to install it. */
type Offer = Event & { prompt: () => Promise<{ outcome: string }> };

class Install {
  /** The browser would install the app now. */
  ready = $state(false);
  installed = $state(matchMedia("(display-mode: standalone)").matches);
  #offer: Offer | null = null;

  /** Waits for the browser's offer, which is made when a person asks for it and never by itself. */
  listen(): void {
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#offer = event as Offer;
      this.ready = true;
    });
    addEventListener("appinstalled", () => {
      this.installed = true;
      this.ready = false;
    });
  }

  async ask(): Promise<void> {
    const offer = this.#offer;
    this.#offer = null;
    this.ready = false;
    await offer?.prompt();
  }

  /** Registers the service worker once the page has nothing better to do. */
  register(): void {
    if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
    const begin = (): void => void navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);
    setTimeout(() => ("requestIdleCallback" in globalThis ? requestIdleCallback(begin, { timeout: 5000 }) : begin()), 3000);
  }
}

export const install = new Install();
