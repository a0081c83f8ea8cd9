// Which addresses of a model's answer may become links or pictures.

const linkSchemes = new Set(["http:", "https:", "mailto:"]);
const inlinePicture = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+$/;

/** The address in its normal form, or null when it must stay text. Relative addresses stay text too. */
export function safeLink(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  return linkSchemes.has(url.protocol) ? url.href : null;
}

/** What a picture's address is: `{kind: "inline", src}`, `{kind: "remote", href, host}` or null. */
export function picture(address) {
  if (inlinePicture.test(address)) return { kind: "inline", src: address };
  const href = safeLink(address);
  if (!href || href.startsWith("mailto:")) return null;
  return { kind: "remote", href, host: new URL(href).host };
}
