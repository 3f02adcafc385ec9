import type { RefusalCode } from '../../refusal.ts'

/** What a refusal says to the person: what happened, and what to do next. */
export const refusals: Readonly<Record<RefusalCode, string>> = {
  not_allowed: '这一步现在不能办。可能已经有人办过了，请看办理进度',
  stale: '您看过之后，内容又改过。请看新的内容再决定',
  check_input: '有一处没有填对，请改好再试',
  needs_failed: '前面的一步没有办成，所以这一步没有送出。您写的内容还在，请看过再决定',
  mandate_ended: '代办授权已经结束。您写的内容还在',
  closed: '这项服务现在没有对您的亲属开放。有疑问请打监所电话',
  id_reused: '这一步没有办成，请再试一次。您写的内容还在',
  too_large: '内容太长，请删短一些再寄',
  wrong_version: '应用有新版本。请关掉页面再打开一次，您写的内容还在',
  taken: '已经有一个相同的，请换一个',
  wrong_code: '这个号码不对，或者已经过期。请核对，或者重新取一个',
  too_many: '试的次数太多了，请过一会儿再试',
  unreachable: '消息现在发不出去，请过几分钟再试',
}
