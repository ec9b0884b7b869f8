/** A template that cannot be read or carried out, in the words of Go's text/template. */
export class TemplateError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "TemplateError";
  }
}
