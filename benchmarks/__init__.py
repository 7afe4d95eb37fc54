"""Programs that measure the product. A package, so that no other package called ``benchmarks`` stands before it."""
