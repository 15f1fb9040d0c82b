// The client that @hey-api/openapi-ts generates, on a document of django-ninja: accounts, products, and orders.
import { client } from "./shop/client.gen.ts";
import * as api from "./shop/sdk.gen.ts";
import { attempt, check, url } from "./story.mjs";

client.setConfig({ baseUrl: url.origin });
const asha = { username: "asha", password: "changethis" };
const user = await attempt(async () => (await api.mainRegister({ body: { ...asha, email: "asha@example.com" } })).data);
await check("a user registers", () => (user.username === "asha" && user.is_staff === false) || user);
await check("a name is taken once", async () => (await api.mainRegister({ body: { ...asha, email: "b@example.com" } })).response.status === 400);
await check("a wrong password is refused in the declared shape", async () => {
  const { response, error } = await api.mainLogin({ body: { username: "asha", password: "other-one" } });
  return (response.status === 401 && typeof error.detail === "string") || response.status;
});
const login = await attempt(async () => (await api.mainLogin({ body: asha })).data);
await check("a login shows the user", () => JSON.stringify(login.user) === JSON.stringify(user) || login);
await check("a wrong token is refused", async () => (await api.mainMe({ auth: "wrong" })).response.status === 401);
client.setConfig({ baseUrl: url.origin, auth: () => login.token });
await check("the token says who asks", async () => (await api.mainMe()).data.id === user.id);
const categories = [];
for (const name of ["Books", "Toys"]) categories.push(await attempt(async () => (await api.mainAddCat({ body: { name } })).data));
await check("categories are listed", async () => (await api.mainCats()).data.map((c) => c.name).join() === "Books,Toys");
const products = [];
for (const n of [0, 1, 2, 3, 4]) {
  const body = { name: `P${n}`, price: `${n + 1}.50`, category_id: categories[n % 2]?.id };
  products.push(await attempt(async () => (await api.mainAddProd({ body })).data));
}
const [first] = products;
const path = { product_id: first?.id };
await check("a product shows its category", () => (first.category.name === "Books" && first.category.id === categories[0].id) || first);
await check("it has its defaults", () => (first.stock === 0 && first.is_active === true && first.image === null && first.tags.length === 0) || first);
await check("it is read", async () => JSON.stringify((await api.mainProd({ path })).data) === JSON.stringify(first));
const listed = async (query) => { const { data } = await api.mainProds({ query }); return `${data.items.map((p) => p.name)} ${data.count}`; };
await check("a page has its part and counts all", async () => (await listed({ limit: 2, offset: 3 })) === "P3,P4 5" || listed({ limit: 2, offset: 3 }));
await check("products are found by category", async () => (await listed({ category_id: categories[1].id })) === "P1,P3 2" || listed({ category_id: categories[1].id }));
await check("products are found by price", async () => (await listed({ price__gte: "2", price__lte: "4" })) === "P1,P2 2" || listed({ price__gte: "2", price__lte: "4" }));
await check("products are searched", async () => (await listed({ search: "p3" })) === "P3 1" || listed({ search: "p3" }));
await check("products are sorted", async () => (await listed({ ordering: "-price" })) === "P4,P3,P2,P1,P0 5" || listed({ ordering: "-price" }));
await check("an unknown order is refused", async () => (await api.mainProds({ query: { ordering: "no" } })).response.status === 422);
await check("a product is changed in part", async () => {
  const { data } = await api.mainPatchProd({ path, body: { stock: 9 } });
  return (data.stock === 9 && data.name === "P0" && data.category.name === "Books") || data;
});
await check("it is moved to another category", async () => (await api.mainPatchProd({ path, body: { category_id: categories[1].id } })).data.category.name === "Toys");
await check("it is replaced", async () => {
  const { data } = await api.mainPutProd({ path, body: { name: "N", price: 3, category_id: categories[0].id } });
  return (data.name === "N" && data.stock === 0 && data.category.name === "Books") || data;
});
await check("it is deactivated", async () => (await api.mainDeactivate({ path })).data.is_active === false);
await check("inactive products are listed", async () => (await listed({ is_active: false })) === "N 1" || listed({ is_active: false }));
const lines = [{ product_id: products[1]?.id, quantity: 2 }, { product_id: products[2]?.id }];
const order = await attempt(async () => (await api.mainAddOrder({ body: { lines } })).data);
await check("an order is pending and of who made it", () => (order.status === "pending" && order.note === null && order.customer.username === "asha") || order);
await check("its lines have numbers and defaults", () => (order.lines.map((line) => line.quantity).join() === "2,1" && new Set(order.lines.map((line) => line.id)).size === 2) || order.lines);
const placed = { path: { order_id: order?.id } };
await check("it is paid", async () => (await api.mainPay(placed)).data.status === "paid");
await check("paid orders are listed", async () => (await api.mainOrders({ query: { status: "paid" } })).data.count === 1);
await check("it is cancelled", async () => (await api.mainCancel(placed)).data.status === "cancelled");
await check("a quantity of nothing is refused", async () => [400, 422].includes((await api.mainAddOrder({ body: { lines: [{ product_id: 1, quantity: 0 }] } })).response.status));
await check("an unknown product is told in the declared shape", async () => {
  const { response, error } = await api.mainProd({ path: { product_id: 999 } });
  return (response.status === 404 && typeof error.detail === "string") || response.status;
});
await check("a product is deleted", async () => (await api.mainDelProd({ path })).response.status === 204);
await check("and gone", async () => (await api.mainProd({ path })).response.status === 404);
