import adapter from "@sveltejs/adapter-static";
import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vite";

// The built site belongs to the Python package: the server sends it, so a user's machine never needs Node to run it.
const site = "../src/nonet/site";
// The development server hands everything of the API to a running Nonet.
const api = "http://localhost:8080";

export default defineConfig({
  plugins: [
    sveltekit({
      adapter: adapter({ pages: site, assets: site, fallback: "index.html", precompress: true }),
      // Every address the server writes into the shell must hold at any depth of path.
      paths: { relative: false },
    }),
  ],
  build: {
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // What every page shows comes as one file each of script and style, not as forty.
        codeSplitting: { groups: [{ name: "frame", test: /src\/lib\/(ui|i18n|state|api)\// }] },
      },
    },
  },
  server: { proxy: { "/api": api, "/trust/qr.svg": api, "/trust/nonet-ca.crt": api } },
});
