"use strict";
// The page of a still board, which stands in the page itself.

new Player(JSON.parse(byId("board").textContent));
