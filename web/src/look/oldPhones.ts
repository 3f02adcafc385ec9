// What Chrome 87 and Safari 14.1 lack and the framework calls. Nothing here changes a browser that has it.

// Chrome 93, Safari 15.4
Object.hasOwn ??= (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key)

// Chrome 92, Safari 15.4
for (const list of [Array, String]) {
  const prototype = list.prototype as { at?: unknown }
  prototype.at ??= function (this: ArrayLike<unknown>, index: number) {
    return this[index < 0 ? this.length + index : index]
  }
}
export {}
