"""How easy the product's texts are to read, beside public easy-to-read texts and administrative ones."""
