// Telephone numbers as an account is known by: E.164, a Chinese mobile number may be written without its +86.
import * as v from 'valibot'

/** `138 0000 0000` and `+86 138-0000-0000` are the same number, kept as `+8613800000000`. */
export const Phone = v.pipe(
  v.string(),
  v.maxLength(30),
  v.transform((written) => written.normalize('NFKC').replace(/[\s()-]/g, '')),
  v.transform((digits) => (/^1[3-9]\d{9}$/.test(digits) ? `+86${digits}` : digits)),
  v.regex(/^\+[1-9]\d{6,14}$/),
)

/** For a screen that others may look at: the last four digits. */
export const masked = (phone: string): string => `${phone.slice(0, 3)} •••• ${phone.slice(-4)}`
