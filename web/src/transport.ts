// Stands in for kit's own module of this name on the phone (web/slim.ts). Kit carries what is kept in the browser's
// history with devalue, so that Dates and Maps survive; ours holds nothing, and plain JSON saves a phone 6 kB.
export const stringify = (data: unknown): string => JSON.stringify(data)
export const parse = (data: string): unknown => JSON.parse(data)
export const encoders = {}
export const decoders = {}
export const init_transport = (): void => undefined
