/** The wire: tus 1.0 with a SHA-256 on every piece where the browser can compute one. */
import { DefaultHttpStack, Upload, type HttpRequest } from "tus-js-client";
import { refusalOf, Refused, silence } from "#lib/api/client.ts";

const ENDPOINT = "/api/v1/uploads";
const PIECE_BYTES = 8 * 1024 * 1024;

class CheckedStack extends DefaultHttpStack {
  override createRequest(method: string, url: string): HttpRequest {
    const request = super.createRequest(method, url);
    if (method !== "PATCH" || !globalThis.crypto?.subtle) return request;
    const [send, abort] = [request.send.bind(request), request.abort.bind(request)];
    let aborted = false;
    request.abort = () => {
      aborted = true;
      return abort();
    };
    request.send = async (body: unknown) => {
      if (body instanceof Blob) request.setHeader("Upload-Checksum", `sha256 ${await sha256(body)}`);
      if (aborted) throw new Error("aborted while the piece was hashed");
      return send(body);
    };
    return request;
  }
}

async function sha256(piece: Blob): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await piece.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

export type Events = {
  onplace: (uploadId: string) => void;
  /** Bytes on their way, the last ones not acknowledged yet. */
  onsent: (bytes: number) => void;
  /** Bytes the server has said it holds. */
  onsafe: (bytes: number) => void;
  onend: () => void;
  onrefused: (refused: Refused, passes: boolean) => void;
};

/** Starts or continues sending a file; the returned function stops it and keeps what the server has. */
export function sendFile(file: File, uploadId: string | null, on: Events): () => void {
  const upload = new Upload(file, {
    // An upload that has a place never starts again silently: its draft belongs to that place.
    endpoint: uploadId ? null : ENDPOINT,
    uploadUrl: uploadId ? `${ENDPOINT}/${uploadId}` : null,
    chunkSize: PIECE_BYTES,
    retryDelays: null,
    storeFingerprintForResuming: false,
    httpStack: new CheckedStack({}),
    metadata: { filename: file.name, filetype: file.type || "application/octet-stream" },
    onUploadUrlAvailable: () => on.onplace(upload.url?.split("/").pop() ?? ""),
    onProgress: (sent) => on.onsent(sent),
    onChunkComplete: (_piece, accepted) => on.onsafe(accepted),
    onSuccess: on.onend,
    onError: (error) => {
      const response = "originalResponse" in error ? error.originalResponse : null;
      const status = response?.getStatus() ?? 0;
      on.onrefused(status ? refusalOf(status, parsed(response?.getBody())) : silence(), passes(status));
    },
  });
  upload.start();
  return () => void upload.abort();
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? "");
  } catch {
    return null;
  }
}

/** Whether trying again later can help: a lost line, a busy or restarting server, a piece that arrived damaged or out of step. */
function passes(status: number): boolean {
  return status === 0 || status === 409 || status === 423 || status === 429 || status === 460 || status >= 500;
}
