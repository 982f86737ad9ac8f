SELECT 'A' AS dummy_param
 WHERE false
