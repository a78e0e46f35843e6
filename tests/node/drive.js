// Launches with the Binder client of the field, unmodified; prints every event as a line of JSON.
//     node drive.js <hub's /build/ URL> <provider/spec> <path>
// The client is written for browsers: its window and document are what it looks for there.
// A failed launch makes it reject a promise that nobody holds; a browser only logs that.
process.on("unhandledRejection", () => {});
globalThis.window = globalThis;
globalThis.document = { cookie: "", addEventListener() {}, removeEventListener() {} };

const { BinderRepository } = await import("@jupyterhub/binderhub-client/client.js");
const { LaunchSpec } = await import("@jupyterhub/binderhub-client/spec.js");

const [endpoint, spec, path] = process.argv.slice(2);
const repository = new BinderRepository(spec, new URL(endpoint));
for await (const event of repository.fetch()) {
  console.log(JSON.stringify(event));
  if (event.phase === "ready") {
    const launch = new LaunchSpec(path);
    console.log(JSON.stringify({ open: launch.getJupyterServerRedirectUrl(event.url, event.token) }));
  }
  if (event.phase === "ready" || event.phase === "failed") repository.close();
}
