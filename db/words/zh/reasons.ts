import type { Reason } from '../../matters/letter.ts'

/** What a passage of a letter can be at fault for: told before writing, and on each mark. */
export const reasons: Readonly<Record<Reason, { name: string; rule: string; advice: string }>> = {
  caseTalk: {
    name: '谈到案情',
    rule: '信里不能谈案件的经过、证据和同案人员',
    advice: '请删去这一段，案件的事请同律师谈',
  },
  codeWords: { name: '暗语或看不懂的约定', rule: '信里不能有暗语、密码和只有双方懂的约定', advice: '请换成明白的话' },
  contact: { name: '替别人传话', rule: '信里不能替其他人传话', advice: '请只写自己家里的话' },
  threat: { name: '威胁', rule: '信里不能有威胁的话', advice: '请删去这一段' },
  abuse: { name: '辱骂', rule: '信里不能有辱骂的话', advice: '请换一种说法' },
  illegible: { name: '看不清楚', rule: '信要能读得明白', advice: '请把这一段写清楚' },
  other: { name: '其他', rule: '不符合监所信件规定', advice: '' },
}
