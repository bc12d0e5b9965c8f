import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig, type Plugin } from "vite";
import about from "./package.json" with { type: "json" };

// The built site belongs to the Python package: the server sends it, so a user's machine never needs Node to run it.
const site = "../src/nonet/site";
// The development server hands everything of the API to a running Nonet.
const api = "http://localhost:8080";

// What every page shows, and what the first picture needs, comes as one file each of script and style, not as forty.
const frame = { name: "frame", test: /src\/lib\/((ui|i18n|state|api|signals)\/|places|feed\/(?!Pane|Keys)|player\/(Scrubber|StageState|Waveform|player|source|vtt))/ };
// What the shell says of the app reaches this module before anything that reads it runs; inside the frame it would come too late;
// so must what the entry loads with, or the entry waits for the frame, which then knows no version and takes every missing page for an old build.
const payload = { name: "payload", test: /kit\/src\/runtime\/client\/payload\.js$|vite\/preload-helper/, priority: 1 };

/** SvelteKit hides its announcer by a style attribute, which our content policy refuses; base.css hides it by its id. */
const withoutInlineStyle: Plugin = {
  name: "without-inline-style",
  enforce: "pre",
  transform: (code, id) => (id.endsWith("/kit/src/runtime/components/root.svelte") ? { code: code.replace(/\sstyle="[^"]*"/, ""), map: null } : null),
};

export default defineConfig({
  plugins: [
    withoutInlineStyle,
    sveltekit({
      adapter: adapter({ pages: site, assets: site, fallback: "index.html", precompress: true }),
      // Every address the server writes into the shell must hold at any depth of path.
      paths: { relative: false },
      // The same source builds the same files: a time in them would change every hash.
      version: { name: about.version },
      // The layout registers it, once the first picture stands.
      serviceWorker: { register: false },
    }),
  ],
  build: { assetsInlineLimit: 0 },
  environments: { client: { build: { rolldownOptions: { output: { codeSplitting: { groups: [payload, frame] } } } } } },
  server: { proxy: { "/api": api, "/trust/qr.svg": api, "/trust/nonet-ca.crt": api } },
});
