/** Where a photo of papers lies in `FILES`: under its hash it says nothing of another account's. */
export const photoKey = (facility: string, account: string, hash: string) => `${facility}/${account}/${hash}`

/** A picture and nothing else, whatever its bytes say. */
export const pictureHeaders = {
  'content-type': 'image/jpeg',
  'content-disposition': 'inline; filename="paper.jpg"',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
}
