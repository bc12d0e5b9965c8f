/** Addresses of pages, so that each is written once. */
export const personAt = (handle: string): string => `/@${handle}`;
export const tagAt = (tag: string): string => `/tag/${encodeURIComponent(tag)}`;
export const soundAt = (id: string): string => `/sound/${id}`;
export const doorAt = (page: "signin" | "signup", back: string): string => `/${page}?next=${encodeURIComponent(back)}`;
