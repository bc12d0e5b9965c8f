/** Who is here, and which server this is. `me` is undefined until the server has said, null when nobody is signed in. */
import { api, ask, asRefused, type Refused } from "#lib/api/client.ts";
import type { Instance, Me } from "#lib/api/types.ts";

const HERE = "nonet.here";

function last(): string | null {
  try {
    return localStorage.getItem(HERE);
  } catch {
    return null;
  }
}

class Session {
  /** The handle that was signed in in this browser last: the frame of a page stands by it until the server has said. */
  readonly before = last();
  me = $state<Me | null | undefined>(undefined);
  instance = $state<Instance | null>(null);
  problem = $state<Refused | null>(null);

  async start(): Promise<void> {
    this.problem = null;
    await Promise.all([this.#readInstance(), this.readMe()]);
  }

  async #readInstance(): Promise<void> {
    try {
      this.instance = await ask(api.GET("/api/v1/instance"));
    } catch (problem) {
      this.problem = asRefused(problem);
    }
  }

  async readMe(): Promise<void> {
    try {
      this.me = (await ask(api.GET("/api/v1/session"))).me;
    } catch (problem) {
      this.problem = asRefused(problem);
    }
  }

  /** Signs this browser out; nobody is here once the server has said so. */
  async signOut(): Promise<void> {
    await ask(api.DELETE("/api/v1/session"));
    this.me = null;
  }

  /** Keeps in this browser who is here, for the next page. */
  keep(): void {
    try {
      if (this.me) localStorage.setItem(HERE, this.me.handle);
      else localStorage.removeItem(HERE);
    } catch {
      // Without storage a page's frame waits for the server.
    }
  }

  get name(): string {
    return this.instance?.name || "Nonet";
  }
  /** Plain http beyond this machine: what is sent can be read on the way. */
  get exposed(): boolean {
    return this.instance?.secure === false && !["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  }
}

export const session = new Session();
