// node umami.cjs HOST WEBSITE
const { Umami } = require("@umami/node");
const [hostUrl, websiteId] = process.argv.slice(2);

(async () => {
  const client = new Umami({ hostUrl, websiteId });
  for (const answer of [
    await client.track({ url: "/start", title: "Start", hostname: "shop.example" }),
    await client.track("signup", { plan: "pro" }),
    await client.identify({ id: "u1", plan: "pro" }),
  ]) {
    if (answer.status !== 200) throw new Error(await answer.text());
  }
})();
