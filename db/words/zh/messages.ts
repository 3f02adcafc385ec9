/** What is sent to a phone as a text message. */
export const messages = {
  code: (code: string, minutes: number) =>
    `【e通办】验证码 ${code}，${minutes} 分钟内有效。请不要告诉任何人，工作人员也不会向您要。`,
}
