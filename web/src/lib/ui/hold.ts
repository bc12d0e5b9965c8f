/** A finger that rests on something: what a pointer gets by hovering over it. */
const HOLD_MS = 380;
const STILL_PX = 10;

/** Calls back when a finger or pen has rested on the element; a mouse keeps its own menu. */
export function hold(act: () => void): (element: HTMLElement) => () => void {
  return (element) => {
    const end = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let touched = false;
    let [x, y] = [0, 0];
    const on = (type: keyof HTMLElementEventMap, hear: (event: PointerEvent) => void): void => element.addEventListener(type, hear as EventListener, { signal: end.signal });
    on("pointerdown", (event) => {
      touched = event.pointerType !== "mouse";
      [x, y] = [event.clientX, event.clientY];
      if (touched) timer = setTimeout(act, HOLD_MS);
    });
    on("pointermove", (event) => {
      if (Math.hypot(event.clientX - x, event.clientY - y) > STILL_PX) clearTimeout(timer);
    });
    for (const type of ["pointerup", "pointercancel", "pointerleave"] as const) on(type, () => clearTimeout(timer));
    on("contextmenu", (event) => {
      if (touched) event.preventDefault();
    });
    return () => {
      end.abort();
      clearTimeout(timer);
    };
  };
}
