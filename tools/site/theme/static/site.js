// What a page gains by a script: a theme key, keys that copy commands, and wide things that can be scrolled by key.
const root = document.documentElement;
const told = document.getElementById("told");

const key = document.querySelector(".theme");
const dark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark")) === "dark";
const label = () => key.setAttribute("aria-label", dark() ? "Show light pages" : "Show dark pages");
label();
key.hidden = false;
key.addEventListener("click", () => {
  root.dataset.theme = dark() ? "light" : "dark";
  try { localStorage.setItem("nonet.theme", root.dataset.theme); } catch {} // a browser may keep nothing
  label();
});

for (const block of document.querySelectorAll("div.highlight-sh")) {
  const copy = Object.assign(document.createElement("button"), { type: "button", className: "key sm copy", textContent: "Copy" });
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").textContent.trimEnd());
    copy.textContent = told.textContent = "Copied";
    setTimeout(() => { copy.textContent = "Copy"; told.textContent = ""; }, 2000);
  });
  if (navigator.clipboard) block.append(copy);
}

const wide = document.querySelectorAll(".wide, .prose pre");
const reachable = () => {
  for (const box of wide) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
reachable();
addEventListener("resize", reachable);
