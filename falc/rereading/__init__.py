"""The booklet with which people with an intellectual disability judge the texts: only they can say they are easy."""
