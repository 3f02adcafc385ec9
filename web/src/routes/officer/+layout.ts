// Officers' pages are shells that open from the device without a network; what they show is never in their HTML.
export const ssr = false
