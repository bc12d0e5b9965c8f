/** UUIDv7 (RFC 9562, 5.7) that only grow: the server reads the moment in them, and knows an event that comes twice by them. */
let last = 0;
let step = 0;

/** Makes the next id: 48 bits of milliseconds, 12 bits that count within one, 62 random bits. */
export function uuid7(now = Date.now()): string {
  if (now > last) {
    last = now;
    step = crypto.getRandomValues(new Uint16Array(1))[0]! & 0x3ff;
  } else if (++step > 0xfff) {
    // A clock that was set back, or four thousand events in a millisecond: the next millisecond is borrowed.
    last += 1;
    step = 0;
  }
  const random = crypto.getRandomValues(new Uint8Array(8));
  random[0] = (random[0]! & 0x3f) | 0x80;
  const tail = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const time = last.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${step.toString(16).padStart(3, "0")}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
