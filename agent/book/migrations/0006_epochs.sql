-- Epochs: a journal that goes on after its disk was restored or cloned.
SELECT 1;
