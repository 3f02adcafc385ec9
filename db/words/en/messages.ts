import type { messages as zh } from '../zh/messages.ts'
import type { Words } from '../words.ts'

export const messages: Words<typeof zh> = {
  code: (code, minutes, host) =>
    `[etongban] Your code is ${code}, good for ${minutes} minutes. Tell it to nobody; our staff never ask for it.\n\n@${host} #${code}`,
}
