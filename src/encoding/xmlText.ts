/** The characters that XML 1.0 can carry. RAM and STS answer in XML by default, so their text is limited to these. */

/** A character that is not a Char of XML 1.0, section 2.2. A document cannot hold it, even escaped. */
export const noXmlChar = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u
