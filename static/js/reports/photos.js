// Photos of a report: made small on the phone, so that they are sent over a bad network. The server cleans them again.
const MAX_SIDE = 1600;
const QUALITY = 0.85;

/**
 * Return a photo upright and at most 1600 pixels long, as JPEG; as it is where the browser cannot read it.
 *
 * @param {File} file
 * @returns {Promise<Blob>}
 */
export async function shrinkPhoto(file) {
  try {
    const image = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, MAX_SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(image.width * scale), Math.round(image.height * scale)];
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    /** @type {Blob | null} */
    const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return photo ?? file;
  } catch {
    return file;
  }
}
