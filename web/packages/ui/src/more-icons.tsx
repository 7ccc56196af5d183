import { icon } from './icons';

export const CopyIcon = icon('M9 9V5.500A1.500 1.500 0 0 1 10.500 4h8A1.500 1.500 0 0 1 20 5.500v8a1.500 1.500 0 0 1-1.500 1.500H15M5.500 9h8A1.500 1.500 0 0 1 15 10.500v8a1.500 1.500 0 0 1-1.500 1.500h-8A1.500 1.500 0 0 1 4 18.500v-8A1.500 1.500 0 0 1 5.500 9z');
export const UpIcon = icon('M7 11v9H4v-9zM7 11l4.500-8c1.700 0 2.500 1.200 2.200 2.800L13 9h5.500a2 2 0 0 1 2 2.400l-1.300 6.900a2 2 0 0 1-2 1.700H7');
export const AgainIcon = icon('M20 12a8 8 0 1 1-2.400-5.700L20 8.500M20 4v4.500h-4.500');
export const DeleteIcon = icon('M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7');
export const CheckIcon = icon('M5 12.500 10 17.500 19 7');
export const LeaveIcon = icon('M14 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 8l-4 4 4 4M6 12h9');
export const PinIcon = icon('M9 4h6l-.7 6 3.200 3.500h-11L9.700 10zM12 13.500V20');
export const EditIcon = icon('M4 20l1-4.500L16 4.500l3.500 3.500-11 11zM13.500 7l3.500 3.500');
