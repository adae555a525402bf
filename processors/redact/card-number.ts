import type { Detector } from './detector.ts'

/** Fewest digits of a card number that is found. */
export const leastCardDigits = 14

/** Fourteen to nineteen digits, in one piece or in the groups that are printed on cards; no part of a number, word or decimal fraction. */
const digits =
  /(?<![A-Za-z0-9]|\d[.-])(?:\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{4,5})(?![A-Za-z0-9]|[.-]\d)/g

export const cardNumber: Detector = {
  name: 'card',
  about:
    'Card numbers: 14 to 19 digits, also in groups, with the beginning of an issuer and a right check digit (Luhn). One in ten of other ' +
    'numbers with that beginning has it by chance.',
  needles: [], // digits are looked for in another way
  redact: (text, mask) => text.replace(digits, number => (isCard(number.replace(/[ -]/g, '')) ? mask : number))
}

/** Whether there is one in a part of a text that goes on for two characters where there is more of it. */
export const hasCard = (text: string): boolean => cardNumber.redact(text, '') !== text

/** Lengths by the beginnings that ISO/IEC 7812 gives to issuers: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay. */
const issuers =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-59]|[689]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17})$/

/** ISO/IEC 7812-1 annex B. */
function isCard(number: string): boolean {
  if (!issuers.test(number)) return false
  let sum = 0
  for (let i = number.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = number.charCodeAt(i) - 0x30
    sum += double ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit
  }
  return sum % 10 === 0
}
