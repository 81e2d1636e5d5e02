-- renames: schema sales:shop, index shop.orders.ix_sales_orders_parent:ix_shop_orders_parent

-- upgrade
ALTER SCHEMA sales RENAME TO shop;

ALTER INDEX shop.ix_sales_orders_parent RENAME TO ix_shop_orders_parent;

-- rollback
ALTER INDEX shop.ix_shop_orders_parent RENAME TO ix_sales_orders_parent;

ALTER SCHEMA shop RENAME TO sales;
