export const prerender : boolean | 'auto' = true
