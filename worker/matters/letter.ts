// What a letter's moves do in the world: values, which `sync/save` carries out beside the event.
import type { EffectsOf } from './index.ts'

export const letter: EffectsOf<'letter'> = {
  // the paper that an officer records holds for every later letter under this tie too
  consent: (letter, said) => [
    {
      consent: {
        tie: letter.tie,
        detainee: letter.detainee,
        account: letter.account,
        kind: 'letter',
        until: said['until'] as number | null,
        document: said['document'] as string,
      },
    },
  ],
}
