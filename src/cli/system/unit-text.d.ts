declare module "*.service" {
  const text: string;
  export { text as default };
}
declare module "*.socket" {
  const text: string;
  export { text as default };
}
