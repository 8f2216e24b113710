select
    "Product Card Id" as product_id,
    clean_text("Product Name") as name,
    -- Category names repeat ("Electronics" is two); only with the department they are one.
    clean_text("Department Name") as family,
    clean_text("Category Name") as category,
    'EA' as base_uom,
    false as is_hazmat,
    false as is_cold_chain,
    false as is_kit
from erp_products
