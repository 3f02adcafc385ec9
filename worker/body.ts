// A request's body as JSON, under caps: on the wire, and again after inflating.
export type Body = { readonly json: unknown } | { readonly problem: string; readonly status: 400 | 413 | 415 }

/** @param maxBytes how long the body may be, on the wire and inflated */
export async function readBody(request: Pick<Request, 'headers' | 'body'>, maxBytes: number): Promise<Body> {
  // A form of a foreign page cannot carry this type without the browser asking first.
  if (!(request.headers.get('content-type') ?? '').startsWith('application/json'))
    return { problem: 'content_type', status: 415 }
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') return { problem: 'content_encoding', status: 415 }
  if (!request.body) return { problem: 'body', status: 400 }

  const wire = request.body.pipeThrough(capped(maxBytes))
  const plain =
    encoding === 'gzip' ? wire.pipeThrough(new DecompressionStream('gzip')).pipeThrough(capped(maxBytes)) : wire
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(
      await new Response(plain).arrayBuffer(),
    )
    return { json: JSON.parse(text) }
  } catch (fault) {
    return fault instanceof TooLarge ? { problem: 'too_large', status: 413 } : { problem: 'body', status: 400 }
  }
}

/**
 * A body as it travels.
 *
 * @returns undefined where it is longer than it may be, or breaks off
 */
export const readWire = (body: Request['body'], maxBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> =>
  new Response(body && body.pipeThrough(capped(maxBytes))).arrayBuffer().then(
    (bytes) => new Uint8Array(bytes),
    () => undefined,
  )

class TooLarge extends Error {}

function capped(maxBytes: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let bytes = 0
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) controller.error(new TooLarge())
      else controller.enqueue(chunk)
    },
  })
}
