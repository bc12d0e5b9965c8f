/** Who is here, and which server this is. `me` is undefined until the server has said, null when nobody is signed in. */
import { api, ask, asRefused, type Refused } from "#lib/api/client.ts";
import type { Instance, Me } from "#lib/api/types.ts";

class Session {
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

  /** Signs out here, whatever the server answers: a person who pressed the key must not stay signed in on the page. */
  async signOut(): Promise<void> {
    await ask(api.DELETE("/api/v1/session"));
    this.me = null;
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
