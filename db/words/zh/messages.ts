/** What is sent to a phone as a text message. */
export const messages = {
  /** its last line lets the phone fill the code in by itself: WICG, origin-bound one-time codes */
  code: (code: string, minutes: number, host: string) =>
    `【e通办】验证码 ${code}，${minutes} 分钟内有效。请不要告诉任何人，工作人员也不会向您要。\n\n@${host} #${code}`,
}
