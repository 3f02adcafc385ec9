import type { reasons as zh } from '../zh/reasons.ts'
import type { Words } from '../words.ts'

export const reasons: Words<typeof zh> = {
  caseTalk: {
    name: 'About the case',
    rule: 'A letter may not discuss the case, evidence or co-accused',
    advice: 'Please remove this passage; speak to the lawyer about the case',
  },
  codeWords: {
    name: 'Code or unclear agreement',
    rule: 'A letter may not hold codes or agreements only two people understand',
    advice: 'Please use plain words',
  },
  contact: {
    name: 'Message for others',
    rule: 'A letter may not carry messages from other people',
    advice: 'Please write only about your own family',
  },
  threat: { name: 'Threat', rule: 'A letter may not threaten anybody', advice: 'Please remove this passage' },
  abuse: { name: 'Insult', rule: 'A letter may not insult anybody', advice: 'Please say it differently' },
  illegible: { name: 'Unclear', rule: 'A letter must be readable', advice: 'Please write this passage more clearly' },
  other: { name: 'Other', rule: 'It does not follow the rules for letters', advice: '' },
}
