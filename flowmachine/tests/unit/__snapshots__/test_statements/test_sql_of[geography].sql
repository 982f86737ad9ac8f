SELECT regions.admin3pcod AS pcod,
       regions.geom
  FROM geography.admin3 AS regions
