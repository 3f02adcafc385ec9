// A shell that opens from the device without a network; nothing of anybody is ever in its HTML.
export const ssr = false
export const prerender = true
