import type { mending as zh } from '../zh/mending.ts'
import type { Words } from '../words.ts'

export const mending: Words<typeof zh> = {
  title: (count) => (count === 1 ? '1 passage needs a change' : `${count} passages need a change`),
  find: 'Show this passage in the letter',
  gone: 'This passage has been changed',
}
