select
    ProductID as product_id,
    clean_text(fix_mojibake(ProductName)) as name,
    clean_text(CategoryName) as family,
    clean_text(CategoryName) as category,
    'EA' as base_uom,
    false as is_hazmat,
    false as is_cold_chain,
    false as is_kit
from products
left join categories using (CategoryID)
