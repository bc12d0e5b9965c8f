/** What this browser remembers of unfinished uploads: small records in local storage, the files themselves in IndexedDB, so that a reload needs nobody. */

export type Kept = { key: string; uploadId: string | null; name: string; size: number; modified: number; type: string; withFile: boolean };

const RECORDS = "nonet.uploads";
const LARGEST_KEPT_BYTES = 500_000_000;

export function records(): Kept[] {
  try {
    return JSON.parse(localStorage.getItem(RECORDS) ?? "[]") as Kept[];
  } catch {
    return [];
  }
}

function write(all: Kept[]): void {
  try {
    if (all.length) localStorage.setItem(RECORDS, JSON.stringify(all));
    else localStorage.removeItem(RECORDS);
  } catch {
    // Full or forbidden: the upload goes on, only a reload will ask for the file.
  }
}

export function remember(record: Kept): void {
  write([...records().filter((other) => other.key !== record.key), record]);
}

export async function forget(key: string): Promise<void> {
  write(records().filter((record) => record.key !== key));
  await files("readwrite", (store) => store.delete(key)).catch(() => undefined);
}

/** Copies the file into the browser's own store; false when it is too large or there is no room. */
export async function keepFile(key: string, file: File): Promise<boolean> {
  if (file.size > LARGEST_KEPT_BYTES) return false;
  try {
    await files("readwrite", (store) => store.put(file, key));
    return true;
  } catch {
    return false;
  }
}

export async function keptFile(key: string): Promise<File | null> {
  try {
    return ((await files("readonly", (store) => store.get(key))) as File | undefined) ?? null;
  } catch {
    return null;
  }
}

/** The same file again, as far as a browser can tell without reading it. */
export function isSame(file: File, kept: { name: string; size: number; modified?: number }): boolean {
  return file.size === kept.size && file.name === kept.name && (!kept.modified || file.lastModified === kept.modified);
}

function files<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("nonet", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const db = opening.result;
      const transaction = db.transaction("files", mode);
      const request = act(transaction.objectStore("files"));
      const end = (settle: () => void) => () => {
        db.close();
        settle();
      };
      transaction.oncomplete = end(() => resolve(request.result));
      transaction.onerror = transaction.onabort = end(() => reject(transaction.error));
    };
  });
}
